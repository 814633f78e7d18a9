/**
 * The calls that workers leave open: polls and subscriptions, from the request to the last byte of the answer. Who gets what
 * is decided in {@code queue}.
 */
package io.millrace.notifier.call;
