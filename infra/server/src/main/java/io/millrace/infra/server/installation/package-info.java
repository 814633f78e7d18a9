/**
 * What the log tells of the installation itself: which nodes start and stop, with which version, configuration and
 * keys, and what of these has changed since the last note. Requests are noted elsewhere, where they come in.
 */
@NullMarked
package io.millrace.infra.server.installation;

import org.jspecify.annotations.NullMarked;
