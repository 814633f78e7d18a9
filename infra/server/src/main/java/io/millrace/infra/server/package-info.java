/**
 * A node: its roles put together, started in order, and stopped in the order that loses nothing. Whatever a role does is in
 * its module.
 */
package io.millrace.infra.server;
