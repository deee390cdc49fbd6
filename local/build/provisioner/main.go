// SPDX-License-Identifier: Apache-2.0

// Program provisioner makes and deletes the volumes of a local cluster: directories, or size-limited file systems.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const provisionerName = "local.wpclone.example/volumes"

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file with the address and identity for the API server")
	root := flag.String("root", "", "directory under which the volumes are made")
	node := flag.String("node", "", "name of the node that holds the volumes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *kubeconfig, volumes{root: *root, node: *node}); err != nil {
		klog.ErrorS(err, "The provisioner cannot start")
		os.Exit(1)
	}
}

func serve(ctx context.Context, kubeconfig string, provisioner volumes) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.UserAgent = "local-provisioner"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	controller.NewProvisionController(ctx, client, provisionerName, provisioner,
		controller.LeaderElection(false)).Run(ctx)
	return nil
}
