/**
 * The file of organisations and keys: read, checked, and kept without the keys themselves. Settings of the server are not
 * here.
 */
package io.millrace.ingest.config;
