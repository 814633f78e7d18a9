/**
 * The commands that ask a server over HTTP: their options, what they print, and exit codes. A command asks through
 * {@code api} and prints through {@code print}. Nothing here knows the server's own classes.
 */
@NullMarked
package io.millrace.infra.client;

import org.jspecify.annotations.NullMarked;
