/**
 * Jetty, and what it lacks: errors in JSON, places of connections, and what becomes of clients that are late or take nothing.
 * It knows no route, no key and no organisation.
 */
@NullMarked
package io.millrace.ingest.http.server;

import org.jspecify.annotations.NullMarked;
