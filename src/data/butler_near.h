/* Names that are like a word which is none of them. */
#ifndef WELKIN_DATA_BUTLER_NEAR_H
#define WELKIN_DATA_BUTLER_NEAR_H

#include <stddef.h>

/* How many letters must be put in, taken out or changed to make one word of the other, whatever
 * their case; of long words the first 127 letters. */
int wk_near_distance(const char *a, const char *b);

/* The at most five likest of the names, joined with commas, "" if none is like the word: a third of
 * its letters differ at most, or one holds the other. */
void wk_near_names(char *out, size_t size, const char *word, const char *const *names,
                   size_t count);

#endif
