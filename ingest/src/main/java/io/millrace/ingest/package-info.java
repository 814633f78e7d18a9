/**
 * The front door as others start and stop it: its settings and its parts put together. Whatever it does for a request is in
 * the packages below.
 */
@NullMarked
package io.millrace.ingest;

import org.jspecify.annotations.NullMarked;
