package cache

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// mapShared maps the first size bytes of f into memory that all processes share.
func mapShared(f *os.File, size int) ([]byte, error) {
	mapping, err := windows.CreateFileMapping(windows.Handle(f.Fd()), nil, windows.PAGE_READWRITE, 0, uint32(size), nil)
	if err != nil {
		return nil, os.NewSyscallError("CreateFileMapping", err)
	}
	defer windows.CloseHandle(mapping) // the view keeps it
	at, err := windows.MapViewOfFile(mapping, windows.FILE_MAP_WRITE, 0, 0, uintptr(size))
	if err != nil {
		return nil, os.NewSyscallError("MapViewOfFile", err)
	}
	view := *(*unsafe.Pointer)(unsafe.Pointer(&at)) // no memory of Go's, whatever the number
	return unsafe.Slice((*byte)(view), size), nil
}

func unmap(mem []byte) error {
	return windows.UnmapViewOfFile(uintptr(unsafe.Pointer(unsafe.SliceData(mem))))
}
