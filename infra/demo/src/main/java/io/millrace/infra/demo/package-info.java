/**
 * The demonstration: workflows, a worker that runs them, and what is printed of it. A client like any other: it uses nothing
 * of the server's insides.
 */
package io.millrace.infra.demo;
