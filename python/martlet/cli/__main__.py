from martlet.cli import main

main()
