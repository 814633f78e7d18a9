/**
 * The read model: committed outcomes become rows of PostgreSQL, and queries read them. Nothing that is promised stands on it;
 * it may be dropped and filled again.
 */
@NullMarked
package io.millrace.ingest.readmodel;

import org.jspecify.annotations.NullMarked;
