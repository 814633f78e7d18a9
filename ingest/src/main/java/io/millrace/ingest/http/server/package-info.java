/**
 * HTTP/1.1 itself: connections, heads, bodies, and what becomes of clients that send rubbish or take nothing. It knows no
 * route, no key and no organisation.
 */
package io.millrace.ingest.http.server;
