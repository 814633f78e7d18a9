/**
 * The file of organisations and keys: read, checked, and kept without the keys themselves. Settings of the server are not
 * here.
 */
@NullMarked
package io.millrace.ingest.config;

import org.jspecify.annotations.NullMarked;
