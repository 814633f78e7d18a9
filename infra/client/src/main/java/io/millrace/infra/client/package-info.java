/**
 * The commands that ask a server over HTTP: their options, what is printed, and exit codes. A command asks through {@code
 * api}, and prints through {@code print}; nothing here knows the server's own classes.
 */
package io.millrace.infra.client;
