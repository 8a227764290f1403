/* Whether this program is built with the address sanitizer, which makes it several times slower.
 * There each path of the code is wanted once; numbers are judged by the build without. */
#ifndef WELKIN_TESTS_SANITIZED_H
#define WELKIN_TESTS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

#endif
