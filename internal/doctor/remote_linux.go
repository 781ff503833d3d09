package doctor

import "golang.org/x/sys/unix"

// remoteKinds are file systems of other machines, by their magic numbers.
var remoteKinds = map[uint32]string{
	unix.NFS_SUPER_MAGIC:  "NFS",
	unix.SMB_SUPER_MAGIC:  "an SMB share",
	unix.CIFS_SUPER_MAGIC: "an SMB share",
	unix.SMB2_SUPER_MAGIC: "an SMB share",
	unix.V9FS_MAGIC:       "a folder of the host (9p)",
	unix.FUSE_SUPER_MAGIC: "a FUSE file system",
	unix.CEPH_SUPER_MAGIC: "Ceph",
	unix.AFS_SUPER_MAGIC:  "AFS",
}

// remoteKind names the file system if it is no local one.
func remoteKind(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	return remoteKinds[uint32(s.Type)]
}
