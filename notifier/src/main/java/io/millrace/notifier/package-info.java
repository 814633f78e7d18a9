/**
 * The notifier as others start and stop it, and the topic by which levels of other nodes come. Nothing is kept here that cannot
 * be heard again.
 */
@NullMarked
package io.millrace.notifier;

import org.jspecify.annotations.NullMarked;
