/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The table of PCI functions that this driver supports. The model table of the
 * driver and of the tool is made from it, and so are the types of the simulator,
 * which is a module of its own and can share no object.
 *
 * There is no include guard: a file defines QAE_FUNCTION and includes this one
 * where the rows belong.
 *
 * QAE_FUNCTION(type name, PCI device id, is a virtual function, groups of ring
 * pairs, ring pairs of one column of a group, 64-bit BARs)
 */
QAE_FUNCTION("dh895xcc",   0x0435, false, 32, 2, 3)
QAE_FUNCTION("dh895xccvf", 0x0443, true,   1, 2, 2)
QAE_FUNCTION("c6xx",       0x37c8, false, 16, 2, 3)
QAE_FUNCTION("c6xxvf",     0x37c9, true,   1, 2, 2)
QAE_FUNCTION("c3xxx",      0x19e2, false, 16, 2, 2)
QAE_FUNCTION("c3xxxvf",    0x19e3, true,   1, 2, 2)
QAE_FUNCTION("200xx",      0x18ee, false, 16, 2, 2)
QAE_FUNCTION("200xxvf",    0x18ef, true,   1, 2, 2)
QAE_FUNCTION("d15xx",      0x6f54, false, 16, 2, 3)
QAE_FUNCTION("d15xxvf",    0x6f55, true,   1, 2, 2)
QAE_FUNCTION("4xxx",       0x4940, false, 16, 1, 3)
QAE_FUNCTION("4xxxvf",     0x4941, true,   1, 1, 2)
QAE_FUNCTION("401xx",      0x4942, false, 16, 1, 3)
QAE_FUNCTION("401xxvf",    0x4943, true,   1, 1, 2)
QAE_FUNCTION("402xx",      0x4944, false, 16, 1, 3)
QAE_FUNCTION("402xxvf",    0x4945, true,   1, 1, 2)
QAE_FUNCTION("420xx",      0x4946, false, 16, 1, 3)
QAE_FUNCTION("420xxvf",    0x4947, true,   1, 1, 2)
