running() {
  names | xargs docker inspect -f '{{.Name}} {{.HostConfig.Memory}} {{.State.Running}}' 2> /dev/null || true
}

make_container() {
  if grep -qxF "/$name $((memory * 1048576)) true" "$work/running"; then return; fi
  if grep -q "^/$name " "$work/running"; then docker rm -f "$name" > /dev/null; fi
  (umask 022 && mkdir -p "$mounted/$name/data")
  docker run -d --name "$name" --restart unless-stopped --memory "${memory}m" -v "$mounted/$name/data:/data" \
    "$container_image" sh -c "$wait_forever" > /dev/null
}

make_containers() {
  docker image inspect "$container_image" > /dev/null 2>&1 || docker load -q -i "$container_archive" > /dev/null
  running > "$work/running"
  each make_container
}

remove_containers() {
  docker ps -a --format '{{.Names}}' | ours > "$work/left"
  xargs -r docker stop < "$work/left" > /dev/null
  xargs -r docker rm < "$work/left" > /dev/null
  docker rmi "$container_image" > /dev/null 2>&1 || [ -z "$(docker images -q "$container_image")" ]
}
