# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_recburn_global_optspecs
    string join \n json config= h/help V/version
end

function __fish_recburn_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_recburn_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_recburn_using_subcommand
    set -l cmd (__fish_recburn_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c recburn -n "__fish_recburn_needs_command" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_needs_command" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c recburn -n "__fish_recburn_needs_command" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "data" -d 'Data sets: list, fetch, describe, crosstab, split, synth'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "models" -d 'The models: list, show'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "train" -d 'Train a model on ratings'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "gather" -d 'Make one model from the parts that several processes have trained'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "run" -d 'Run recipes and compare the results with published figures'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "baselines" -d 'Fit baselines and models in closed form, and compare them on held-out ratings'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "evaluate" -d 'Score a saved model on ratings, or train and score a model by a protocol'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "protocols" -d 'List the evaluation protocols, or show one'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "compare" -d 'Compare models under one protocol, and say which differences are noise'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "tune" -d 'Search for good hyper-parameters on a validation part'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "predict" -d 'Predict the rating of a pair, or of every pair in a file'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "recommend" -d 'Recommend the best items for a user, for all users, or for somebody not in the data'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "similar" -d 'List items similar to an item'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "serve" -d 'Serve a model over HTTP'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "export" -d 'Write embedding tables as CSV, safetensors or Parquet, all weights for Keras, or a page that recommends without a server'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "completions" -d 'Print a script with which a shell completes commands and flags'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "man" -d 'Write the manual pages'
complete -c recburn -n "__fish_recburn_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -f -a "list" -d 'List the public data sets, and which of them are here'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -f -a "fetch" -d 'Fetch public data sets by name'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -f -a "describe" -d 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -f -a "crosstab" -d 'Cross-tabulate the most active users and the most rated items'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -f -a "split" -d 'Write the parts of a split as CSV'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -f -a "synth" -d 'Generate synthetic ratings of any size'
complete -c recburn -n "__fish_recburn_using_subcommand data; and not __fish_seen_subcommand_from list fetch describe crosstab split synth help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from list" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from list" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from fetch" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from fetch" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from fetch" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from fetch" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from fetch" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l filter -d 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l repeats -d 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l ids -d 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l items -d 'A file with titles and genres, if it is not next to the ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l user-features -d 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l item-features -d 'A file of item features, and the columns to read' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l bad-lines -d 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l picture -d 'Draw it as PATH.svg and PATH.png' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from describe" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l filter -d 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l repeats -d 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l ids -d 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l items -d 'A file with titles and genres, if it is not next to the ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l user-features -d 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l item-features -d 'A file of item features, and the columns to read' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l bad-lines -d 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -s n -l count -d 'Number of users and of items' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from crosstab" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l filter -d 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l repeats -d 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l ids -d 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l items -d 'A file with titles and genres, if it is not next to the ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l user-features -d 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l item-features -d 'A file of item features, and the columns to read' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l bad-lines -d 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l split -d 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1 or fold:1/5; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 and so on for a test part' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l seed -d 'Seed of a random split [default: 42]' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l out -d 'The folder for the files' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from split" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -l like -d 'In the shape of this data set' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -l users -d 'Number of users' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -l items -d 'Number of items' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -l ratings -d 'Number of ratings' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -l seed -d 'Seed of everything random' -r
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -l out -d 'The CSV to write; `-` is standard output' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from synth" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the public data sets, and which of them are here'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "fetch" -d 'Fetch public data sets by name'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "describe" -d 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "crosstab" -d 'Cross-tabulate the most active users and the most rated items'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "split" -d 'Write the parts of a split as CSV'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "synth" -d 'Generate synthetic ratings of any size'
complete -c recburn -n "__fish_recburn_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c recburn -n "__fish_recburn_using_subcommand models; and not __fish_seen_subcommand_from list show help" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand models; and not __fish_seen_subcommand_from list show help" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand models; and not __fish_seen_subcommand_from list show help" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand models; and not __fish_seen_subcommand_from list show help" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand models; and not __fish_seen_subcommand_from list show help" -f -a "list" -d 'List the models'
complete -c recburn -n "__fish_recburn_using_subcommand models; and not __fish_seen_subcommand_from list show help" -f -a "show" -d 'Show a model: formula, options, presets, summary, diagram'
complete -c recburn -n "__fish_recburn_using_subcommand models; and not __fish_seen_subcommand_from list show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from list" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l preset -d 'Named hyper-parameters' -r
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -s o -l option -d 'An option of the model, may be repeated; the value is JSON or a word' -r
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l users -d 'Rows of the user tables' -r
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l items -d 'Rows of the item tables' -r
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l data -d 'Take the sizes of the tables from this data set' -r
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1)' -r
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l diagram -d 'Write diagram.svg, .png, .mmd (Mermaid) and .dot (Graphviz) into this folder' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the models'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a model: formula, options, presets, summary, diagram'
complete -c recburn -n "__fish_recburn_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c recburn -n "__fish_recburn_using_subcommand train" -l model -d 'A model, such as biased_mf or ease: see `recburn models list` [default: biased_mf; with `train --from`, that of the saved model]' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l preset -d 'Named hyper-parameters of the model: see `recburn models show NAME` [default: default]' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -s o -l option -d 'An option of the model, may be repeated; the value is JSON or a word' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l data -d 'A data set\'s name or path [default: that of the preset]' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l filter -d 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l repeats -d 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l time-columns -d 'Derive columns from the times of the ratings, which a model may read: hour_of_day, day_of_week and day' -r -f -a "true\t''
false\t''"
complete -c recburn -n "__fish_recburn_using_subcommand train" -l ids -d 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l split -d 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1, fold:1/5 or given:TRAIN,VALID; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 adds a test part, none trains on everything' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l centre -d 'Subtract the mean of the training part' -r -f -a "true\t''
false\t''"
complete -c recburn -n "__fish_recburn_using_subcommand train" -l examples -d 'The kind of training examples: ratings, whole-users or whole-items (all ratings of one at a time), profiles (all items of a user among the catalogue), positives (every rated pair, with sampled negatives) or next-item (histories, predicting the next item at every position)' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l hidden -d 'The share of each user\'s items that is hidden from the model in training on profiles' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l negatives -d 'The negatives of positives: uniform:N, popular:N or popular^EXPONENT:N per positive, shared-uniform:N or shared-popular:N per batch, in-batch, or catalogue [default: uniform:1]' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l loss -d 'mse, mae, huber[:DELTA] or logistic; with negatives also bpr, hinge or softmax' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l rule -d 'adam, adamw[:DECAY], sgd[:MOMENTUM], adagrad or rowwise_adagrad (one number of state per row of a table, for tables near the size of memory), with Keras\'s defaults; further settings by name: adam:beta_1=0.8,epsilon=1e-8. AdamW keeps weights small at no extra cost, whereas l2 on tables much larger than a batch is slow in exact mode' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l mode -d 'Which rows a step updates: exact (all that Keras would update) or touched (only those of the batch: fastest, but a different algorithm)' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l epochs -d 'Train for N epochs' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l learning-rate -d 'Learning rate, in all epochs' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l phase -d 'A custom schedule: train N epochs at this learning rate, then go on to the next --phase' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l batch -d 'Ratings per step' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l average -d 'End with an average of the weights at the ends of epochs: swa:EPOCH (the mean from that epoch on) or ema:DECAY' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l patience -d 'Stop after N epochs without a better validation loss (or --watch measure), and restore the best weights' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l watch -d 'The measure for --patience: loss, rmse or mae, or for the users\' lists ndcg@K, recall@K, hit@K or mrr@K [default: loss, or ndcg@10 for positives]' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l seed -d 'Seed of the split, the initial weights and the order of the ratings [default: 42; with `train --from`, that of the saved model]' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l items -d 'A file with titles and genres, if it is not next to the ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand train" -l user-features -d 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l item-features -d 'A file of item features, and the columns to read' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l bad-lines -d 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand train" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l out -d 'Output folder [default: out/MODEL]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand train" -l checkpoint-every -d 'Write a checkpoint every N epochs (0: never), or after each and every so much time: 10m' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l folds -d 'Cross-validation instead of one training: on N folds, or N folds repeated R times with other seeds as NxR' -r
complete -c recburn -n "__fish_recburn_using_subcommand train" -l add -d 'Read ratings that were added since, as `serve --journal` writes them; later lines take precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand train" -l from -d 'Start from the weights of a saved model, on data with new ratings, users and items' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand train" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand train" -l resume -d 'Continue from the checkpoint in the output folder'
complete -c recburn -n "__fish_recburn_using_subcommand train" -l find-rate -d 'Instead of training, test which learning rates lower the loss: a picture and a suggestion, in the output folder'
complete -c recburn -n "__fish_recburn_using_subcommand train" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand train" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand train" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand gather" -l data -d 'The data, if they are elsewhere now: a name, a file or a folder' -r
complete -c recburn -n "__fish_recburn_using_subcommand gather" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand gather" -l device -d 'flex or ndarray, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand gather" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand gather" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand gather" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand gather" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand run" -l seeds -d 'Run with the seeds 1 to N instead of the recipe\'s own' -r
complete -c recburn -n "__fish_recburn_using_subcommand run" -l epochs -d 'Train for N epochs instead; final figures are then not compared' -r
complete -c recburn -n "__fish_recburn_using_subcommand run" -l variant -d 'Run only this variant; `main` is the recipe itself [default: all]' -r
complete -c recburn -n "__fish_recburn_using_subcommand run" -l out -d 'Keep each run\'s report, curves and model in this folder' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand run" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand run" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand run" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand run" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand run" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand run" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l data -d 'A data set\'s name or path' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l split -d 'How the ratings are split, as for `recburn train`' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l part -d 'The part that is scored: valid, or test, for which the model is fitted to the validation part, too' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l ids -d 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l seed -d 'Seed of the split and of the models' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l method -d 'Only this method, may be repeated [default: all]' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -s o -l option -d 'An option of the method, may be repeated; the value is JSON or a word' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l at -d 'The length of the lists' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l items -d 'A file with titles and genres, if it is not next to the ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l user-features -d 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l item-features -d 'A file of item features, and the columns to read' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l bad-lines -d 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)' -r
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand baselines" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l protocol -d 'Train and score a model by this protocol: see `recburn protocols`' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l model -d 'The model: see `recburn models list`' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l preset -d 'Named hyper-parameters of the model [default: default]' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l recipe -d 'A recipe, such as the winner of `recburn tune`, whose data and split are replaced by the protocol\'s' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -s o -l option -d 'An option of the model, may be repeated; the value is JSON or a word' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l seeds -d 'The seeds of the model, separated by commas; the split has its own' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l out -d 'Write card.json and card.md into this folder' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l data -d 'A data set\'s name or path [default: the ratings that were held out in training]' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l split -d 'Score the validation part of this split; without it all ratings of --data' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l seed -d 'Seed of that split [default: 42]' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l items -d 'A file with titles and genres, if it is not next to the ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l user-features -d 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l item-features -d 'A file of item features, and the columns to read' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l bad-lines -d 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)' -r
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand evaluate" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand protocols" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand protocols" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand protocols" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand protocols" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand compare" -l protocol -d 'The protocol by which models are trained and scored' -r
complete -c recburn -n "__fish_recburn_using_subcommand compare" -l seeds -d 'The seeds of the models, separated by commas' -r
complete -c recburn -n "__fish_recburn_using_subcommand compare" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand compare" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand compare" -l out -d 'Write comparison.json, comparison.md and a picture into this folder' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand compare" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand compare" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand compare" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand compare" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l model -d 'A model, such as biased_mf or ease: see `recburn models list` [default: biased_mf; with `train --from`, that of the saved model]' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l preset -d 'Named hyper-parameters of the model: see `recburn models show NAME` [default: default]' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -s o -l option -d 'An option of the model, may be repeated; the value is JSON or a word' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l data -d 'A data set\'s name or path [default: that of the preset]' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l filter -d 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l repeats -d 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l time-columns -d 'Derive columns from the times of the ratings, which a model may read: hour_of_day, day_of_week and day' -r -f -a "true\t''
false\t''"
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l ids -d 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l split -d 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1, fold:1/5 or given:TRAIN,VALID; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 adds a test part, none trains on everything' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l centre -d 'Subtract the mean of the training part' -r -f -a "true\t''
false\t''"
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l examples -d 'The kind of training examples: ratings, whole-users or whole-items (all ratings of one at a time), profiles (all items of a user among the catalogue), positives (every rated pair, with sampled negatives) or next-item (histories, predicting the next item at every position)' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l hidden -d 'The share of each user\'s items that is hidden from the model in training on profiles' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l negatives -d 'The negatives of positives: uniform:N, popular:N or popular^EXPONENT:N per positive, shared-uniform:N or shared-popular:N per batch, in-batch, or catalogue [default: uniform:1]' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l loss -d 'mse, mae, huber[:DELTA] or logistic; with negatives also bpr, hinge or softmax' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l rule -d 'adam, adamw[:DECAY], sgd[:MOMENTUM], adagrad or rowwise_adagrad (one number of state per row of a table, for tables near the size of memory), with Keras\'s defaults; further settings by name: adam:beta_1=0.8,epsilon=1e-8. AdamW keeps weights small at no extra cost, whereas l2 on tables much larger than a batch is slow in exact mode' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l mode -d 'Which rows a step updates: exact (all that Keras would update) or touched (only those of the batch: fastest, but a different algorithm)' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l epochs -d 'Train for N epochs' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l learning-rate -d 'Learning rate, in all epochs' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l phase -d 'A custom schedule: train N epochs at this learning rate, then go on to the next --phase' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l batch -d 'Ratings per step' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l average -d 'End with an average of the weights at the ends of epochs: swa:EPOCH (the mean from that epoch on) or ema:DECAY' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l patience -d 'Stop after N epochs without a better validation loss (or --watch measure), and restore the best weights' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l watch -d 'The measure for --patience: loss, rmse or mae, or for the users\' lists ndcg@K, recall@K, hit@K or mrr@K [default: loss, or ndcg@10 for positives]' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l seed -d 'Seed of the split, the initial weights and the order of the ratings [default: 42; with `train --from`, that of the saved model]' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l items -d 'A file with titles and genres, if it is not next to the ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l user-features -d 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l item-features -d 'A file of item features, and the columns to read' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l bad-lines -d 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l sampler -d 'How trials are proposed: random, tpe[:RANDOM TRIALS], halving[:FACTOR] or grid' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l trials -d 'The number of configurations' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l least-epochs -d 'The fewest epochs of a trial, for halving' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l workers -d 'Trials at a time; 0 for one per core' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l search-seed -d 'The seed of the proposals; that of --seed is for split and weights' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l out -d 'Output folder [default: out/tune-MODEL]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand tune" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand tune" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand tune" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l user -d 'A user\'s id, as in the data' -r
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l item -d 'An item\'s id, as in the data' -r
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l data -d 'Predict every pair of this data set or file' -r
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l out -d 'The CSV to write; `-` is standard output' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l columns -d 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added' -r
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l items -d 'A file with titles and genres, if it is not next to the ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l user-features -d 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line' -r
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l item-features -d 'A file of item features, and the columns to read' -r
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l bad-lines -d 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)' -r
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l data-dir -d 'The folder that holds the data sets\' folders [default: RECBURN_DATA, then datasets/]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand predict" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand predict" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand predict" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l user -d 'A user\'s id, as in the data; may be repeated for several lists' -r
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l ratings -d 'A CSV file of items and ratings: recommend for a visitor with these ratings, or for --user with these new ratings' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l out -d 'Write the lists to this file: JSON lines if its name ends in .jsonl, otherwise CSV; `-` is standard output' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -s n -l count -d 'Number of items in a list' -r
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l min-ratings -d 'Leave out items with fewer than N training ratings; 0 leaves out none [default: 5, or the mean number of ratings per item if that is lower]' -r
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l genre -d 'Only items of this genre; may be repeated for items of any of several' -r
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l not-genre -d 'No items of this genre; may be repeated' -r
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l all -l all-users -d 'Write the lists of all users to --out'
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l seen -d 'Include items that the user has rated'
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand recommend" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand similar" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand similar" -l item -d 'An item\'s id, as in the data' -r
complete -c recburn -n "__fish_recburn_using_subcommand similar" -s n -l count -d 'Number of items in a list' -r
complete -c recburn -n "__fish_recburn_using_subcommand similar" -l min-ratings -d 'Leave out items with fewer than N training ratings; 0 leaves out none [default: 5, or the mean number of ratings per item if that is lower]' -r
complete -c recburn -n "__fish_recburn_using_subcommand similar" -l table -d 'The embedding whose directions are compared [default: the widest item embedding]' -r
complete -c recburn -n "__fish_recburn_using_subcommand similar" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand similar" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand similar" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand similar" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l bind -d 'The address and port to listen on; port 0 for any free one' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l metrics-bind -d 'Another address for /metrics, /livez and /readyz, which needs no token' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l token-file -d 'A file with the token that requests must carry [default: the variable RECBURN_TOKEN, or no token]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l host -d 'A name by which clients may call the service, may be repeated [default: those of this machine on a loopback address, any on others]' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l drain -d 'How long to go on answering after SIGTERM while /readyz says `draining`, such as 5s' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l watch -d 'Check this often, such as every 2s, whether the folder holds another model, and serve that one' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l journal -d 'Take ratings of users, and keep them in this file' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l log -d 'The form of the log on standard error: text, json or off' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l max-body -d 'The largest body of a request, in bytes' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l connections -d 'How many connections may be open at a time; others wait' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l in-flight -d 'How many requests are answered at a time [default: 4 for each core]' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l waiting -d 'How many requests may wait for their turn; others are answered with 503' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l check -d 'Ask a running service, such as http://127.0.0.1:7373/readyz, and exit with status 0 if it answers 200' -r
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l open -d 'Let everybody who can reach the address ask without a token'
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l openapi -d 'Print the description of the interface (OpenAPI 3.1) and exit'
complete -c recburn -n "__fish_recburn_using_subcommand serve" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand serve" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand serve" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand export" -l device -d 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]' -r
complete -c recburn -n "__fish_recburn_using_subcommand export" -l table -d 'Name of an embedding, may be repeated [default: all]' -r
complete -c recburn -n "__fish_recburn_using_subcommand export" -l format -d 'Format of the files' -r -f -a "csv\t'columns id, 0, 1, ...: one row per id'
safetensors\t'one tensor [ids, width], the ids as JSON in the metadata'
parquet\t'like CSV; in programs built with the feature parquet'
keras\t'all weights in one safetensors file under the paths of a Keras 3 model, with rows by id and the mean in the metadata'
html\t'one page for browsers; in programs built with the feature serve'"
complete -c recburn -n "__fish_recburn_using_subcommand export" -l out -d 'The folder for the files, each named after its table, or the one file of weights or of the page [default: MODEL-tables, MODEL.safetensors or MODEL.html]' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand export" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand export" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c recburn -n "__fish_recburn_using_subcommand export" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand completions" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand completions" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand completions" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand completions" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand man" -l out -d 'The folder for them, one for each command' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand man" -l config -d 'Take flags from this TOML file; the command line takes precedence' -r -F
complete -c recburn -n "__fish_recburn_using_subcommand man" -l json -d 'Print one JSON document on standard output instead of text; errors as JSON on standard error'
complete -c recburn -n "__fish_recburn_using_subcommand man" -s h -l help -d 'Print help'
complete -c recburn -n "__fish_recburn_using_subcommand man" -s V -l version -d 'Print version'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "data" -d 'Data sets: list, fetch, describe, crosstab, split, synth'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "models" -d 'The models: list, show'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "train" -d 'Train a model on ratings'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "gather" -d 'Make one model from the parts that several processes have trained'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "run" -d 'Run recipes and compare the results with published figures'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "baselines" -d 'Fit baselines and models in closed form, and compare them on held-out ratings'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "evaluate" -d 'Score a saved model on ratings, or train and score a model by a protocol'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "protocols" -d 'List the evaluation protocols, or show one'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "compare" -d 'Compare models under one protocol, and say which differences are noise'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "tune" -d 'Search for good hyper-parameters on a validation part'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "predict" -d 'Predict the rating of a pair, or of every pair in a file'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "recommend" -d 'Recommend the best items for a user, for all users, or for somebody not in the data'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "similar" -d 'List items similar to an item'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "serve" -d 'Serve a model over HTTP'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "export" -d 'Write embedding tables as CSV, safetensors or Parquet, all weights for Keras, or a page that recommends without a server'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "completions" -d 'Print a script with which a shell completes commands and flags'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "man" -d 'Write the manual pages'
complete -c recburn -n "__fish_recburn_using_subcommand help; and not __fish_seen_subcommand_from data models train gather run baselines evaluate protocols compare tune predict recommend similar serve export completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c recburn -n "__fish_recburn_using_subcommand help; and __fish_seen_subcommand_from data" -f -a "list" -d 'List the public data sets, and which of them are here'
complete -c recburn -n "__fish_recburn_using_subcommand help; and __fish_seen_subcommand_from data" -f -a "fetch" -d 'Fetch public data sets by name'
complete -c recburn -n "__fish_recburn_using_subcommand help; and __fish_seen_subcommand_from data" -f -a "describe" -d 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture'
complete -c recburn -n "__fish_recburn_using_subcommand help; and __fish_seen_subcommand_from data" -f -a "crosstab" -d 'Cross-tabulate the most active users and the most rated items'
complete -c recburn -n "__fish_recburn_using_subcommand help; and __fish_seen_subcommand_from data" -f -a "split" -d 'Write the parts of a split as CSV'
complete -c recburn -n "__fish_recburn_using_subcommand help; and __fish_seen_subcommand_from data" -f -a "synth" -d 'Generate synthetic ratings of any size'
complete -c recburn -n "__fish_recburn_using_subcommand help; and __fish_seen_subcommand_from models" -f -a "list" -d 'List the models'
complete -c recburn -n "__fish_recburn_using_subcommand help; and __fish_seen_subcommand_from models" -f -a "show" -d 'Show a model: formula, options, presets, summary, diagram'
