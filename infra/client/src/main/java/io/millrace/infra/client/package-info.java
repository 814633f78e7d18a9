/**
 * The commands that ask a server over HTTP. Each topic has a package: its group names its commands, and is all that the
 * others see of it. {@code command} is what they have in common, {@code execution} what workflows and tasks have. A
 * command asks through {@code api} and prints through {@code print}. Nothing here knows the server's own classes.
 */
@NullMarked
package io.millrace.infra.client;

import org.jspecify.annotations.NullMarked;
