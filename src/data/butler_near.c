#include "butler_near.h"

#include <ctype.h>
#include <string.h>

#include "butler_text.h"

enum { LETTERS = 127, MOST = 5, FAR = 10000 };

static int small(char letter)
{
    return tolower((unsigned char)letter);
}

static int smallest(int a, int b, int c)
{
    int two = a < b ? a : b;
    return two < c ? two : c;
}

int wk_near_distance(const char *a, const char *b)
{
    int row[LETTERS + 1];
    int m = (int)strnlen(a, LETTERS), n = (int)strnlen(b, LETTERS);
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; i <= m; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int change = corner + (small(a[i - 1]) != small(b[j - 1]));
            corner = row[j];
            row[j] = smallest(row[j] + 1, row[j - 1] + 1, change);
        }
    }
    return row[n];
}

/* The smaller the liker; FAR: not like. */
static int judge(const char *word, const char *name)
{
    int length = (int)strnlen(word, LETTERS), distance = wk_near_distance(word, name);
    if (distance <= (length < 6 ? 2 : length / 3))
        return distance;
    if (length >= 3 && strcasestr(name, word))
        return LETTERS + (int)strnlen(name, FAR / 2) - length;
    if (strlen(name) >= 3 && strcasestr(word, name))
        return 2 * LETTERS + length;
    return FAR;
}

void wk_near_names(char *out, size_t size, const char *word, const char *const *names, size_t count)
{
    const char *best[MOST];
    int marks[MOST];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        int mark = judge(word, names[i]);
        size_t place = found;
        while (place > 0 && marks[place - 1] > mark)
            place--;
        if (mark == FAR || place == MOST)
            continue;
        found += found < MOST;
        memmove(best + place + 1, best + place, (found - place - 1) * sizeof *best);
        memmove(marks + place + 1, marks + place, (found - place - 1) * sizeof *marks);
        best[place] = names[i];
        marks[place] = mark;
    }
    if (found)
        wk_text_names(out, size, best, found);
    else
        *out = '\0';
}
