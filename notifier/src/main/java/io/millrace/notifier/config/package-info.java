/**
 * What the notifier is told and what it tells of itself: its settings, and the figures by which it is watched. Every other package
 * of the notifier may know this one, and it knows none of them.
 */
@NullMarked
package io.millrace.notifier.config;

import org.jspecify.annotations.NullMarked;
