/**
 * The dispatcher as others start and stop it: its figures, and how it stands. What it does is in the packages
 * below. Nothing here decides or reads a record.
 */
@NullMarked
package io.millrace.dispatcher;

import org.jspecify.annotations.NullMarked;
