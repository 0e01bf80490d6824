#pragma once
#include <curl/curl.h>
/* libcurl for Swift, which cannot call C variadics: one typed setter per kind of argument. */
CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
typedef size_t (*ccurl_read_callback)(char *buffer, size_t size, size_t count, void *user);
CURLcode ccurl_set_read(CURL *handle, ccurl_read_callback callback, void *user);
/* A header callback has the shape of a read callback; for SMTP it gets each line that the server says. */
CURLcode ccurl_set_header(CURL *handle, ccurl_read_callback callback, void *user);
/* The callback is asked at least once a second; an answer other than 0 ends the transfer. */
CURLcode ccurl_set_progress(CURL *handle, curl_xferinfo_callback callback, void *user);
CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode ccurl_set_write(CURL *handle, ccurl_read_callback callback, void *user);
CURLcode ccurl_get_time(CURL *handle, CURLINFO info, curl_off_t *microseconds);
/* Certificates that the server showed, and what follows `name`, such as "Issuer:", in the first; NULL without it. */
int ccurl_certificate_count(CURL *handle);
const char *ccurl_certificate_field(CURL *handle, const char *name);
const char *ccurl_get_text(CURL *handle, CURLINFO info);
/* The callback is asked about each address before a connection: family AF_INET or AF_INET6, its bytes. 0 refuses. */
typedef int (*ccurl_address_callback)(void *user, int family, const unsigned char *bytes, int count);
typedef struct { ccurl_address_callback callback; void *user; } ccurl_guard;
CURLcode ccurl_set_guard(CURL *handle, ccurl_guard *guard);
/* The next transfer of a multi handle that is over; NULL when there is none. */
CURL *ccurl_next_done(CURLM *multi, CURLcode *result);
