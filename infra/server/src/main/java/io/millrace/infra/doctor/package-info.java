/**
 * What is wrong with a configuration and with all that it leads to, found out before a node starts or while it runs, and
 * what to do about it. It only looks: nothing is made and nothing is changed.
 */
@NullMarked
package io.millrace.infra.doctor;

import org.jspecify.annotations.NullMarked;
