/* Commands run in this process with the n-th allocation failing, for every n: status 4, one
 * sentence, no leak, no output. */
#ifndef WELKIN_TEST_CALLS_H
#define WELKIN_TEST_CALLS_H

enum { CALLS_WORDS = 40, CALLS_PATH = 512 };

/* The inputs are in FOLDER/in, outputs go to FOLDER/new, what is said to FOLDER/out and err. */
extern char calls_folder[64];

typedef struct call {
    const char *words[CALLS_WORDS]; /* NULL at the end; a leading % stands for the folder */
    const char *outputs[8];         /* what is in FOLDER/new after a success, NULL at the end */
} call;

/* Set where another library may take want of memory for a fault of what it reads. */
extern int calls_lenient;

/* Make the folder; remove it and what is in it. */
void calls_begin(void);
int calls_end(void **state);

/* FOLDER/name, in a path of CALLS_PATH. */
const char *calls_place(char *path, const char *name);

/* A file in the folder; %s of the text, twice at most, is the folder. */
void calls_write_text(const char *name, const char *text);

/* Run the command with the n-th allocation failing (negative: none); its exit status, and 0x100 if
 * one has failed. */
int calls_run(const call *made, long n);

/* Every allocation in turn, until a run asks for fewer. */
void calls_fail_each(const call *made);

#endif
