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
