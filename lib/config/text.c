#include "lib/config/text.h"

#include "lib/base/text.h"
#include "lib/config/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool config_text_is_sayable(const char *text)
{
	size_t length = strlen(text);
	if (!text_is_printable(text, length))
		return false;
	return length == 0 ||
	       (text[0] != ' ' && text[0] != ';' && text[length - 1] != ' ' && !strstr(text, " ;"));
}

static bool is_port(const char *text, size_t length)
{
	int port = 0;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)text[i]) || i == 5)
			return false;
		port = port * 10 + (text[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

static bool is_authority(const char *text, size_t length)
{
	size_t host = 0;
	if (length > 0 && text[0] == '[') {
		const char *end = memchr(text, ']', length);
		if (!end || end == text + 1)
			return false;
		host = (size_t)(end + 1 - text);
	} else {
		while (host < length && text[host] != ':')
			host++;
	}
	if (host == 0 || host == length)
		return host > 0;
	return text[host] == ':' && is_port(text + host + 1, length - host - 1);
}

bool config_text_is_uri(const char *text, const char *const *schemes)
{
	const char *slashes = strstr(text, "://");
	if (!slashes || strpbrk(text, " @?#") || !config_text_is_sayable(text))
		return false;
	size_t length = (size_t)(slashes - text);
	while (*schemes && (strlen(*schemes) != length || memcmp(text, *schemes, length) != 0))
		schemes++;
	const char *authority = slashes + 3;
	return *schemes && is_authority(authority, strcspn(authority, "/"));
}

static ssize_t read_start(const char *path, void *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	ssize_t got = read(fd, bytes, size);
	int error = errno;
	close(fd);
	return got < 0 ? -error : got;
}

int config_text_read_line(const char *path, size_t size, char *ret_line)
{
	char bytes[CONFIG_TEXT_SIZE_MAX + 2] = {0}; /* one line end, and one byte too many */
	ssize_t got = read_start(path, bytes, sizeof(bytes));
	if (got < 0)
		return (int)got;
	size_t length = 0;
	while (length < (size_t)got && bytes[length] != '\n' && bytes[length] != '\0')
		length++;
	bool one = length == (size_t)got || (bytes[length] == '\n' && length + 1 == (size_t)got);
	if (one && length < size) {
		memcpy(ret_line, bytes, length);
		ret_line[length] = '\0';
	}
	explicit_bzero(bytes, sizeof(bytes)); /* it may have been a password */
	return one && length < size ? 0 : -EBADMSG;
}
