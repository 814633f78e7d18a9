/**
 * The demonstration: workflows, a worker that runs them, and what is printed about them. It is a client like any other,
 * and uses nothing of the server's insides.
 */
@NullMarked
package io.millrace.infra.demo;

import org.jspecify.annotations.NullMarked;
