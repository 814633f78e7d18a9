/**
 * Checks that a request passes before it becomes a command: texts, JSON, names, sizes. What does not pass is refused in words,
 * and never mended. No state is asked.
 */
@NullMarked
package io.millrace.ingest.validation;

import org.jspecify.annotations.NullMarked;
