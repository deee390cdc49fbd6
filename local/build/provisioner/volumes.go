// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// volumes makes each volume a directory under root; a class with the parameter "limited" gets a file system of
// the claimed size mounted there, so that such a volume can be full.
type volumes struct {
	root string
	node string
}

// Provision makes the volume's directory and describes it. Calling it again for the same volume changes nothing.
func (v volumes) Provision(ctx context.Context, options controller.ProvisionOptions) (*core.PersistentVolume, controller.ProvisioningState, error) {
	directory := filepath.Join(v.root, options.PVName)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	size := options.PVC.Spec.Resources.Requests[core.ResourceStorage]
	if options.StorageClass.Parameters["limited"] == "true" {
		if err := v.mountLimited(ctx, directory, size.Value()); err != nil {
			return nil, controller.ProvisioningFinished, err
		}
	}
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: options.PVName},
		Spec: core.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   options.PVC.Spec.AccessModes,
			Capacity:                      core.ResourceList{core.ResourceStorage: size},
			MountOptions:                  options.StorageClass.MountOptions,
			PersistentVolumeSource: core.PersistentVolumeSource{
				Local: &core.LocalVolumeSource{Path: directory},
			},
			NodeAffinity: v.here(),
		},
	}, controller.ProvisioningFinished, nil
}

// Delete removes what Provision made, and succeeds when nothing is left to remove.
func (v volumes) Delete(_ context.Context, volume *core.PersistentVolume) error {
	if volume.Spec.Local == nil || filepath.Dir(volume.Spec.Local.Path) != v.root {
		return &controller.IgnoredError{Reason: "its directory is not below " + v.root}
	}
	directory := volume.Spec.Local.Path
	if mounted(directory) {
		if err := syscall.Unmount(directory, 0); err != nil {
			return fmt.Errorf("unmount %s: %w", directory, err)
		}
	}
	return errors.Join(os.RemoveAll(directory), os.RemoveAll(directory+".img"))
}

// mountLimited mounts a sparse ext4 file of the given size; the kernel frees the loop device at unmount.
func (v volumes) mountLimited(ctx context.Context, directory string, size int64) error {
	image := directory + ".img"
	if mounted(directory) {
		return nil
	}
	file, err := os.OpenFile(image, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Truncate(size), file.Close()); err != nil {
		return err
	}
	for _, command := range [][]string{
		{"mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,nodiscard", image},
		{"mount", "-o", "loop", image, directory},
	} {
		if output, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", command[0], err, output)
		}
	}
	return nil
}

// here confines a volume to the only node.
func (v volumes) here() *core.VolumeNodeAffinity {
	return &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{{
		MatchExpressions: []core.NodeSelectorRequirement{{
			Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{v.node},
		}},
	}}}}
}

// mounted tells whether a file system of its own begins at the directory.
func mounted(directory string) bool {
	var own, parent syscall.Stat_t
	if syscall.Stat(directory, &own) != nil || syscall.Stat(filepath.Dir(directory), &parent) != nil {
		return false
	}
	return own.Dev != parent.Dev
}
