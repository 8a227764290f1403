#include "figure_angle.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "figure_axis.h"

/* Seconds, of arc or of time, that divide minutes, degrees or hours evenly. */
static const int rounds[] = {1,     2,     5,     10,    15,    20,     30,     60,    120,
                             300,   600,   900,   1200,  1800,  3600,   7200,   10800, 14400,
                             18000, 21600, 36000, 43200, 54000, 108000, 162000, 324000};

/* Lines of whole hours must meet again after a day. */
static int divides(int seconds, int hours)
{
    return !hours || seconds < 3600 || 86400 % seconds == 0;
}

double wk_angle_step(double least, int hours)
{
    double unit = hours ? 15.0 / 3600 : 1.0 / 3600, seconds = least / unit * (1 - 1e-9);
    if (seconds <= 0.5) {
        double power = pow(10, floor(log10(seconds))), lead = seconds / power;
        return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power * unit;
    }
    for (size_t k = 0; k < sizeof rounds / sizeof *rounds; k++)
        if (rounds[k] >= seconds && divides(rounds[k], hours))
            return rounds[k] * unit;
    return 90;
}

/* Digits behind the point of the seconds. */
static int decimals_of(double seconds)
{
    int digits = (int)ceil(-log10(seconds) - 1e-6);
    return digits > 0 ? digits < 9 ? digits : 9 : 0;
}

void wk_angle_text(char *text, size_t size, double degrees, double step, int hours)
{
    double unit = hours ? 15.0 / 3600 : 1.0 / 3600;
    double seconds = step / unit;
    int decimals = decimals_of(seconds);
    int64_t fine = (int64_t)pow(10, decimals), day = 86400 * fine;
    int64_t value = (int64_t)llround(fabs(degrees) / unit * (double)fine);
    const char *sign = hours || value == 0 ? "" : degrees < 0 ? "−" : "+";
    if (hours)
        value = ((degrees < 0 ? -value : value) % day + day) % day;
    int whole = (int)(value / (3600 * fine)), minutes = (int)(value / (60 * fine) % 60);
    char last[32];
    wk_fixed_text(last, sizeof last, (double)(value % (60 * fine)) / (double)fine, decimals);
    const char *zero = last[1] == '\0' || last[1] == '.' ? "0" : "";
    const char *h = hours ? "ʰ" : "°", *m = hours ? "ᵐ" : "′", *s = hours ? "ˢ" : "″";
    if (seconds > 3599.5)
        snprintf(text, size, "%s%d%s", sign, whole, h);
    else if (seconds > 59.5)
        snprintf(text, size, "%s%d%s%02d%s", sign, whole, h, minutes, m);
    else
        snprintf(text, size, "%s%d%s%02d%s%s%s%s", sign, whole, h, minutes, m, zero, last, s);
}
