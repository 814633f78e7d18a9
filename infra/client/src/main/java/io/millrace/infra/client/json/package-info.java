/**
 * JSON as the commands need it. Numbers are read as they stand. Values can be written again for people, and pieces can
 * be taken as they came, byte for byte.
 */
@NullMarked
package io.millrace.infra.client.json;

import org.jspecify.annotations.NullMarked;
