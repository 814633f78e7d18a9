/**
 * What people see: tables that fit the terminal, times as they are spoken of, colours on terminals only, and YAML for those
 * who want all of it.
 */
package io.millrace.infra.client.print;
