/**
 * The calls that workers leave open: polls and subscriptions, from the request to the last byte of the answer. Who gets what
 * is decided in {@code queue}.
 */
@NullMarked
package io.millrace.notifier.call;

import org.jspecify.annotations.NullMarked;
