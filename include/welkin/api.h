/* WK_API marks what libwelkin exports; nothing else leaves the library. */
#ifndef WELKIN_API_H
#define WELKIN_API_H

#if defined(__GNUC__)
#define WK_API __attribute__((visibility("default")))
#else
#define WK_API
#endif

#endif
