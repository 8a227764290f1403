#include <stdio.h>
#include <string.h>

#include "figure.h"

enum { TEXT_ROOM = 512 };

void wk_figure_font(wk_figure *figure, double size, int bold)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, size);
}

/* Bytes of the UTF-8 character that starts here, 0 if it is none (or a control character). */
static size_t character_length(const unsigned char *text)
{
    static const unsigned least[] = {0, 0x20, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xc0 ? 0
                    : text[0] < 0xe0 ? 2
                    : text[0] < 0xf0 ? 3
                    : text[0] < 0xf8 ? 4
                                     : 0;
    if (length == 0)
        return 0;
    unsigned code = length == 1 ? text[0] : text[0] & (0xffu >> (length + 1));
    for (size_t k = 1; k < length; k++) {
        if ((text[k] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[k] & 0x3f);
    }
    int surrogate = code >= 0xd800 && code < 0xe000;
    return code < least[length] || code == 0x7f || code > 0x10ffff || surrogate ? 0 : length;
}

/* Where no font is installed Cairo draws with strokes of its own, which it knows for ASCII only. */
static int ascii_only(wk_figure *figure)
{
    cairo_scaled_font_t *font = cairo_get_scaled_font(wk_figure_cairo(figure));
    return cairo_scaled_font_get_type(font) == CAIRO_FONT_TYPE_USER;
}

static const char *plain_form(const char *character, size_t length)
{
    static const char *const forms[][2] = {
        {"−", "-"},  {"°", " deg"}, {"×", "x"}, {"⁻", "-"}, {"⁰", "0"}, {"¹", "1"},  {"²", "2"},
        {"³", "3"},  {"⁴", "4"},    {"⁵", "5"}, {"⁶", "6"}, {"⁷", "7"}, {"⁸", "8"},  {"⁹", "9"},
        {"±", "+-"}, {"ʰ", "h"},    {"ᵐ", "m"}, {"ˢ", "s"}, {"′", "'"}, {"″", "\""}, {"○", "o"},
    };
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
        if (strlen(forms[k][0]) == length && memcmp(forms[k][0], character, length) == 0)
            return forms[k][1];
    return "?";
}

/* Cairo refuses all further drawing after a text that is not UTF-8, and names of files may be
 * anything. */
static void printable(wk_figure *figure, char clean[TEXT_ROOM], const char *text)
{
    size_t used = 0;
    int plain = ascii_only(figure);
    while (*text && used + 5 < TEXT_ROOM) {
        size_t length = character_length((const unsigned char *)text);
        const char *form = length == 0 ? "?" : text;
        size_t size = length > 0 ? length : 1;
        if (plain && length > 1) {
            form = plain_form(text, length);
            size = strlen(form);
        }
        memcpy(clean + used, form, size);
        used += size;
        text += length > 0 ? length : 1;
    }
    clean[used] = '\0';
}

double wk_figure_text_width(wk_figure *figure, const char *text)
{
    char clean[TEXT_ROOM];
    cairo_text_extents_t extents;
    printable(figure, clean, text);
    cairo_text_extents(wk_figure_cairo(figure), clean, &extents);
    return extents.x_advance;
}

/* The height of digits, so that texts on one line share it whatever letters they hold. */
static double digit_height(wk_figure *figure)
{
    cairo_text_extents_t extents;
    cairo_text_extents(wk_figure_cairo(figure), "0", &extents);
    return extents.height;
}

/* Move the pen so that text set there is placed as asked; the pen is at the origin before. */
static void place(wk_figure *figure, double across, double down, const char *clean)
{
    double x = -across * wk_figure_text_width(figure, clean);
    cairo_move_to(wk_figure_cairo(figure), x, (1 - down) * digit_height(figure));
}

static void show_turned(wk_figure *figure, double x, double y, double across, double down,
                        double angle, const char *text)
{
    char clean[TEXT_ROOM];
    cairo_t *cairo = wk_figure_cairo(figure);
    printable(figure, clean, text);
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_rotate(cairo, angle);
    place(figure, across, down, clean);
    cairo_show_text(cairo, clean);
    cairo_restore(cairo);
    cairo_new_path(cairo);
}

void wk_figure_text(wk_figure *figure, double x, double y, double across, double down,
                    const char *text)
{
    show_turned(figure, x, y, across, down, 0.0, text);
}

void wk_figure_text_upward(wk_figure *figure, double x, double y, double across, double down,
                           const char *text)
{
    show_turned(figure, x, y, across, down, -1.5707963267948966, text);
}

void wk_figure_text_rimmed(wk_figure *figure, double x, double y, double across, double down,
                           const char *text)
{
    char clean[TEXT_ROOM];
    cairo_t *cairo = wk_figure_cairo(figure);
    printable(figure, clean, text);
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    place(figure, across, down, clean);
    cairo_text_path(cairo, clean);
    cairo_set_source_rgba(cairo, 1, 1, 1, 0.8);
    cairo_set_line_width(cairo, 4);
    cairo_stroke(cairo);
    cairo_restore(cairo);
    cairo_new_path(cairo);
    wk_figure_text(figure, x, y, across, down, text);
}

void wk_figure_text_plated(wk_figure *figure, double x, double y, double across, double down,
                           const char *text)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    double width = wk_figure_text_width(figure, text), height = digit_height(figure), rim = 7;
    wk_box plate = {x - across * width - rim, y - down * height - rim, width + 2 * rim,
                    height + 2 * rim};
    cairo_save(cairo);
    wk_figure_colour(figure, wk_colour_hex(0xffffff), 0.85);
    wk_figure_rectangle(figure, plate);
    cairo_restore(cairo);
    wk_figure_text(figure, x, y, across, down, text);
}

static int inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

void wk_figure_text_shorten(wk_figure *figure, char *out, size_t size, const char *text,
                            double width)
{
    char clean[TEXT_ROOM];
    printable(figure, clean, text);
    size_t length = strlen(clean), head = (length + 1) / 2, tail = head;
    snprintf(out, size, "%s", clean);
    while (wk_figure_text_width(figure, out) > width && head + length - tail > 0) {
        if (head > length - tail)
            head--;
        else
            tail++;
        while (head > 0 && inside_character(clean[head]))
            head--;
        while (inside_character(clean[tail]))
            tail++;
        snprintf(out, size, "%.*s...%s", (int)head, clean, clean + tail);
    }
}
