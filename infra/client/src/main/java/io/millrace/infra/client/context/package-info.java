/**
 * Which server is asked, and with which key. Contexts are kept in a file that only its owner may read. A development
 * server leaves a context in its data folder, so that it is found.
 */
@NullMarked
package io.millrace.infra.client.context;

import org.jspecify.annotations.NullMarked;
