# SPDX-License-Identifier: Apache-2.0
#
# The first program of every container. It connects the standard streams to
# files and becomes the command of the job, so that no log driver comes between
# the job and its output. Arguments:
#
#   init CANDIDATE... "" ARG0 ARG...
#
# The first candidate that can be executed is. Otherwise it exits with 127, or
# with 126 if one was there and could not be executed, as a shell does.
#
#   as --64 -o init.o init_amd64.asm
#   ld -n -s -z noexecstack -z norelro --build-id=none -o init_amd64.elf init.o

	.intel_syntax noprefix
	.globl	_start
	.text
_start:
	mov	rax, [rsp]
	lea	r15, [rsp + 8*rax + 16]	# envp
	lea	r12, [rsp + 16]		# the candidates

	lea	rdi, [rip + stdin]
	xor	esi, esi		# O_RDONLY
	xor	ebx, ebx
	call	redirect
	lea	rdi, [rip + stdout]
	mov	esi, 0x401		# O_WRONLY|O_APPEND
	mov	ebx, 1
	call	redirect
	lea	rdi, [rip + stderr]
	mov	esi, 0x401
	mov	ebx, 2
	call	redirect

	mov	r14, r12
1:	mov	rdi, [r14]		# find the empty argument
	add	r14, 8
	test	rdi, rdi
	jz	fail
	cmp	byte ptr [rdi], 0
	jne	1b
	cmp	qword ptr [r14], 0	# ARG0 is required
	je	fail

	mov	ebp, 127
2:	mov	rdi, [r12]
	add	r12, 8
	cmp	byte ptr [rdi], 0
	je	none
	mov	rsi, r14
	mov	rdx, r15
	mov	eax, 59			# execve
	syscall
	cmp	eax, -2			# ENOENT
	je	2b
	cmp	eax, -20		# ENOTDIR
	je	2b
	mov	ebp, 126
	jmp	2b

none:	mov	edi, 2
	lea	rsi, [rip + message]
	mov	edx, offset message_size
	mov	eax, 1			# write
	syscall
	jmp	exit
fail:	mov	ebp, 125
exit:	mov	edi, ebp
	mov	eax, 231		# exit_group
	syscall

# redirect opens rdi with the flags esi as descriptor ebx.
redirect:
	xor	edx, edx
	mov	eax, 2			# open
	syscall
	test	eax, eax
	js	fail
	mov	r13d, eax
	mov	edi, eax
	mov	esi, ebx
	mov	eax, 33			# dup2
	syscall
	test	eax, eax
	js	fail
	mov	edi, r13d
	mov	eax, 3			# close
	syscall
	ret

stdin:	.asciz	"/run/cupel/stdin"
stdout:	.asciz	"/run/cupel/stdout"
stderr:	.asciz	"/run/cupel/stderr"
message:
	.ascii	"cupel: the command cannot be executed\n"
	.set	message_size, . - message
