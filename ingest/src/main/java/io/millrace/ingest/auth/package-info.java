/**
 * Who calls, what for, and what kind of call they may make. What an operation checks about its own arguments belongs into {@code
 * validation} and {@code operations}.
 */
@NullMarked
package io.millrace.ingest.auth;

import org.jspecify.annotations.NullMarked;
