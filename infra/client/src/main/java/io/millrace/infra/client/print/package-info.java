/**
 * What people see: tables that fit the terminal, times as people say them, colours on terminals only, and YAML that
 * leaves nothing out.
 */
@NullMarked
package io.millrace.infra.client.print;

import org.jspecify.annotations.NullMarked;
