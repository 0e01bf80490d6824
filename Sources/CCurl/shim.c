#define _GNU_SOURCE
#include "CCurl.h"
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) { return curl_easy_setopt(handle, option, value); }
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) { return curl_easy_setopt(handle, option, value); }
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) { return curl_easy_setopt(handle, option, value); }
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) { return curl_easy_setopt(handle, option, value); }
CURLcode ccurl_set_read(CURL *handle, ccurl_read_callback callback, void *user) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, callback);
    return code ? code : curl_easy_setopt(handle, CURLOPT_READDATA, user);
}
CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) { return curl_easy_getinfo(handle, info, value); }
CURLcode ccurl_set_header(CURL *handle, ccurl_read_callback callback, void *user) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, callback);
    return code ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, user);
}
CURLcode ccurl_set_progress(CURL *handle, curl_xferinfo_callback callback, void *user) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
    if (!code) code = curl_easy_setopt(handle, CURLOPT_XFERINFODATA, user);
    return code ? code : curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}
CURLcode ccurl_set_write(CURL *handle, ccurl_read_callback callback, void *user) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
    return code ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, user);
}
CURLcode ccurl_get_time(CURL *handle, CURLINFO info, curl_off_t *microseconds) {
    return curl_easy_getinfo(handle, info, microseconds);
}
int ccurl_certificate_count(CURL *handle) {
    struct curl_certinfo *info = NULL;
    if (curl_easy_getinfo(handle, CURLINFO_CERTINFO, &info) || !info) return 0;
    return info->num_of_certs;
}
const char *ccurl_certificate_field(CURL *handle, const char *name) {
    struct curl_certinfo *info = NULL;
    size_t length = strlen(name);
    if (curl_easy_getinfo(handle, CURLINFO_CERTINFO, &info) || !info || info->num_of_certs < 1) return NULL;
    for (struct curl_slist *line = info->certinfo[0]; line; line = line->next)
        if (!strncmp(line->data, name, length)) return line->data + length;
    return NULL;
}
const char *ccurl_get_text(CURL *handle, CURLINFO info) {
    const char *text = NULL;
    return curl_easy_getinfo(handle, info, &text) ? NULL : text;
}
static curl_socket_t open_guarded(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    ccurl_guard *guard = user;
    const unsigned char *bytes = NULL;
    int count = 0;
    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
    if (address->family == AF_INET) {
        bytes = (const unsigned char *)&((struct sockaddr_in *)&address->addr)->sin_addr;
        count = 4;
    } else if (address->family == AF_INET6) {
        bytes = (const unsigned char *)&((struct sockaddr_in6 *)&address->addr)->sin6_addr;
        count = 16;
    }
    if (!bytes || !guard->callback(guard->user, address->family, bytes, count)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
CURLcode ccurl_set_guard(CURL *handle, ccurl_guard *guard) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_guarded);
    return code ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, guard);
}
CURL *ccurl_next_done(CURLM *multi, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));)
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    return NULL;
}
