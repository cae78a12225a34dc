//go:build !tinygo && !purego

#include "textflag.h"

// Words of 64 bits are summed up twice: whole, modulo 2⁶⁴, in Y8 to Y11, and their
// upper halves alone in Y12 to Y15. From the first sum without the second, shifted to
// its place, the sum of the lower halves is left, and nothing has overflowed.

// LAST leaves in AX the sum of Y8 to Y15 and of the R8 that is summed up with its carry.
#define LAST \
	VPADDQ       Y9, Y8, Y8    \
	VPADDQ       Y11, Y10, Y10 \
	VPADDQ       Y13, Y12, Y12 \
	VPADDQ       Y15, Y14, Y14 \
	VPADDQ       Y10, Y8, Y8   \
	VPADDQ       Y14, Y12, Y12 \
	VPSLLQ       $32, Y12, Y13 \
	VPADDQ       Y12, Y8, Y8   \
	VPSUBQ       Y13, Y8, Y8   \
	VEXTRACTI128 $1, Y8, X9    \
	VPADDQ       X9, X8, X8    \
	VPSRLDQ      $8, X8, X9    \
	VPADDQ       X9, X8, X8    \
	VMOVQ        X8, AX        \
	VZEROUPPER                 \
	ADDQ         R8, AX        \
	ADCQ         $0, AX

#define CLEAR \
	VPXOR Y8, Y8, Y8    \
	VPXOR Y9, Y9, Y9    \
	VPXOR Y10, Y10, Y10 \
	VPXOR Y11, Y11, Y11 \
	VPXOR Y12, Y12, Y12 \
	VPXOR Y13, Y13, Y13 \
	VPXOR Y14, Y14, Y14 \
	VPXOR Y15, Y15, Y15 \
	XORL  R8, R8

// func sumAVX2(p *byte, n int) uint64
TEXT ·sumAVX2(SB), NOSPLIT, $0-24
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), CX
	CLEAR
	SUBQ $128, CX
	JLT  rest

loop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU 64(SI), Y2
	VMOVDQU 96(SI), Y3
	VPSRLQ  $32, Y0, Y4
	VPSRLQ  $32, Y1, Y5
	VPSRLQ  $32, Y2, Y6
	VPSRLQ  $32, Y3, Y7
	VPADDQ  Y0, Y8, Y8
	VPADDQ  Y1, Y9, Y9
	VPADDQ  Y2, Y10, Y10
	VPADDQ  Y3, Y11, Y11
	VPADDQ  Y4, Y12, Y12
	VPADDQ  Y5, Y13, Y13
	VPADDQ  Y6, Y14, Y14
	VPADDQ  Y7, Y15, Y15
	ADDQ    $128, SI
	SUBQ    $128, CX
	JGE     loop

rest:
	ADDQ $128, CX
	TESTB $64, CX
	JZ   below64
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPSRLQ  $32, Y0, Y4
	VPSRLQ  $32, Y1, Y5
	VPADDQ  Y0, Y8, Y8
	VPADDQ  Y1, Y9, Y9
	VPADDQ  Y4, Y12, Y12
	VPADDQ  Y5, Y13, Y13
	ADDQ    $64, SI

below64:
	TESTB $32, CX
	JZ   below32
	VMOVDQU (SI), Y0
	VPSRLQ  $32, Y0, Y4
	VPADDQ  Y0, Y10, Y10
	VPADDQ  Y4, Y14, Y14
	ADDQ    $32, SI

below32:
	TESTB $16, CX
	JZ   below16
	VMOVDQU (SI), X0
	VPSRLQ  $32, X0, X4
	VPADDQ  Y0, Y11, Y11
	VPADDQ  Y4, Y15, Y15
	ADDQ    $16, SI

below16:
	TESTB $8, CX
	JZ   below8
	ADDQ (SI), R8
	ADCQ $0, R8
	ADDQ $8, SI

below8:
	TESTB $4, CX
	JZ   below4
	MOVL (SI), AX
	ADDQ AX, R8
	ADCQ $0, R8
	ADDQ $4, SI

below4:
	TESTB $2, CX
	JZ   below2
	MOVWLZX (SI), AX
	ADDQ AX, R8
	ADCQ $0, R8
	ADDQ $2, SI

below2:
	TESTB $1, CX
	JZ   done
	MOVBLZX (SI), AX
	ADDQ AX, R8
	ADCQ $0, R8

done:
	LAST
	MOVQ AX, ret+16(FP)
	RET

// func copyAVX2(dst, src *byte, n int) uint64
TEXT ·copyAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	CLEAR
	SUBQ $128, CX
	JLT  rest

loop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU 64(SI), Y2
	VMOVDQU 96(SI), Y3
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, 64(DI)
	VMOVDQU Y3, 96(DI)
	VPSRLQ  $32, Y0, Y4
	VPSRLQ  $32, Y1, Y5
	VPSRLQ  $32, Y2, Y6
	VPSRLQ  $32, Y3, Y7
	VPADDQ  Y0, Y8, Y8
	VPADDQ  Y1, Y9, Y9
	VPADDQ  Y2, Y10, Y10
	VPADDQ  Y3, Y11, Y11
	VPADDQ  Y4, Y12, Y12
	VPADDQ  Y5, Y13, Y13
	VPADDQ  Y6, Y14, Y14
	VPADDQ  Y7, Y15, Y15
	ADDQ    $128, SI
	ADDQ    $128, DI
	SUBQ    $128, CX
	JGE     loop

rest:
	ADDQ $128, CX
	TESTB $64, CX
	JZ   below64
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	VPSRLQ  $32, Y0, Y4
	VPSRLQ  $32, Y1, Y5
	VPADDQ  Y0, Y8, Y8
	VPADDQ  Y1, Y9, Y9
	VPADDQ  Y4, Y12, Y12
	VPADDQ  Y5, Y13, Y13
	ADDQ    $64, SI
	ADDQ    $64, DI

below64:
	TESTB $32, CX
	JZ   below32
	VMOVDQU (SI), Y0
	VMOVDQU Y0, (DI)
	VPSRLQ  $32, Y0, Y4
	VPADDQ  Y0, Y10, Y10
	VPADDQ  Y4, Y14, Y14
	ADDQ    $32, SI
	ADDQ    $32, DI

below32:
	TESTB $16, CX
	JZ   below16
	VMOVDQU (SI), X0
	VMOVDQU X0, (DI)
	VPSRLQ  $32, X0, X4
	VPADDQ  Y0, Y11, Y11
	VPADDQ  Y4, Y15, Y15
	ADDQ    $16, SI
	ADDQ    $16, DI

below16:
	TESTB $8, CX
	JZ   below8
	MOVQ (SI), AX
	MOVQ AX, (DI)
	ADDQ AX, R8
	ADCQ $0, R8
	ADDQ $8, SI
	ADDQ $8, DI

below8:
	TESTB $4, CX
	JZ   below4
	MOVL (SI), AX
	MOVL AX, (DI)
	ADDQ AX, R8
	ADCQ $0, R8
	ADDQ $4, SI
	ADDQ $4, DI

below4:
	TESTB $2, CX
	JZ   below2
	MOVWLZX (SI), AX
	MOVW AX, (DI)
	ADDQ AX, R8
	ADCQ $0, R8
	ADDQ $2, SI
	ADDQ $2, DI

below2:
	TESTB $1, CX
	JZ   done
	MOVBLZX (SI), AX
	MOVB AX, (DI)
	ADDQ AX, R8
	ADCQ $0, R8

done:
	LAST
	MOVQ AX, ret+24(FP)
	RET
