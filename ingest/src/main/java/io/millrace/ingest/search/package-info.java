/**
 * The language in which people ask for executions and tasks: its fields, its parser, and what may be written next. A query is
 * read here and made into SQL by the read model; nothing here knows of a database or of HTTP.
 */
@NullMarked
package io.millrace.ingest.search;

import org.jspecify.annotations.NullMarked;
