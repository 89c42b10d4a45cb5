# To be sourced by a dyno before the program. Heroku's database URLs name no sslmode, its servers take none but encrypted
# connections, and Tandem encrypts where the URL says so. Elsewhere this does nothing.
if [ -n "$DYNO" ]; then
  case "$DATABASE_URL" in
    *sslmode=*) ;;
    *\?*) export DATABASE_URL="$DATABASE_URL&sslmode=require" ;;
    *) export DATABASE_URL="$DATABASE_URL?sslmode=require" ;;
  esac
fi
