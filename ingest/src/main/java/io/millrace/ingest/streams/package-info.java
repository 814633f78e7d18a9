/**
 * What running tasks stream out, from the node that takes it to all who watch. Kept for a short while, and no part of any
 * history. How a watcher is written to is in {@code http}.
 */
@NullMarked
package io.millrace.ingest.streams;

import org.jspecify.annotations.NullMarked;
