#!/bin/sh
# Puts Inkwell, as it lies in this folder, into the menu of the person who runs this; `--remove` takes it out again.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/inkwell.desktop
if [ "${1:-}" = --remove ]; then
    rm -f "$entry" "$data"/icons/hicolor/*/apps/inkwell.png "$data/icons/hicolor/scalable/apps/inkwell.svg"
    exit
fi
mkdir -p "$data/applications" "$data/icons"
cp -R "$here/share/icons/hicolor" "$data/icons/"
# In a desktop entry a quoted path has \, ", $ and ` escaped, once for the quotes and once for the file, and % doubled.
path=$(printf '%s' "$here/inkwell" | sed -e 's/[\\"$`]/\\\\&/g' -e 's/%/%%/g')
while IFS= read -r line; do
    case $line in
    Exec=*) printf 'Exec="%s"\n' "$path" ;;
    *) printf '%s\n' "$line" ;;
    esac
done < "$here/share/applications/inkwell.desktop" > "$entry.new"
mv "$entry.new" "$entry"
echo "Inkwell is in the menu. Run this again after you moved the folder."
