
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'recburn' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'recburn'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'recburn' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('data', 'data', [CompletionResultType]::ParameterValue, 'Data sets: list, fetch, describe, crosstab, split, synth')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'The models: list, show')
            [CompletionResult]::new('train', 'train', [CompletionResultType]::ParameterValue, 'Train a model on ratings')
            [CompletionResult]::new('gather', 'gather', [CompletionResultType]::ParameterValue, 'Make one model from the parts that several processes have trained')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run recipes and compare the results with published figures')
            [CompletionResult]::new('baselines', 'baselines', [CompletionResultType]::ParameterValue, 'Fit baselines and models in closed form, and compare them on held-out ratings')
            [CompletionResult]::new('evaluate', 'evaluate', [CompletionResultType]::ParameterValue, 'Score a saved model on ratings, or train and score a model by a protocol')
            [CompletionResult]::new('protocols', 'protocols', [CompletionResultType]::ParameterValue, 'List the evaluation protocols, or show one')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Compare models under one protocol, and say which differences are noise')
            [CompletionResult]::new('tune', 'tune', [CompletionResultType]::ParameterValue, 'Search for good hyper-parameters on a validation part')
            [CompletionResult]::new('predict', 'predict', [CompletionResultType]::ParameterValue, 'Predict the rating of a pair, or of every pair in a file')
            [CompletionResult]::new('recommend', 'recommend', [CompletionResultType]::ParameterValue, 'Recommend the best items for a user, for all users, or for somebody not in the data')
            [CompletionResult]::new('similar', 'similar', [CompletionResultType]::ParameterValue, 'List items similar to an item')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve a model over HTTP')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write embedding tables as CSV, safetensors or Parquet, all weights for Keras, or a page that recommends without a server')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a script with which a shell completes commands and flags')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the manual pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'recburn;data' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the public data sets, and which of them are here')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Fetch public data sets by name')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture')
            [CompletionResult]::new('crosstab', 'crosstab', [CompletionResultType]::ParameterValue, 'Cross-tabulate the most active users and the most rated items')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write the parts of a split as CSV')
            [CompletionResult]::new('synth', 'synth', [CompletionResultType]::ParameterValue, 'Generate synthetic ratings of any size')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'recburn;data;list' {
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;data;fetch' {
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;data;describe' {
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes')
            [CompletionResult]::new('--repeats', '--repeats', [CompletionResultType]::ParameterName, 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'A file with titles and genres, if it is not next to the ratings')
            [CompletionResult]::new('--user-features', '--user-features', [CompletionResultType]::ParameterName, 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line')
            [CompletionResult]::new('--item-features', '--item-features', [CompletionResultType]::ParameterName, 'A file of item features, and the columns to read')
            [CompletionResult]::new('--bad-lines', '--bad-lines', [CompletionResultType]::ParameterName, 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--picture', '--picture', [CompletionResultType]::ParameterName, 'Draw it as PATH.svg and PATH.png')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;data;crosstab' {
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes')
            [CompletionResult]::new('--repeats', '--repeats', [CompletionResultType]::ParameterName, 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'A file with titles and genres, if it is not next to the ratings')
            [CompletionResult]::new('--user-features', '--user-features', [CompletionResultType]::ParameterName, 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line')
            [CompletionResult]::new('--item-features', '--item-features', [CompletionResultType]::ParameterName, 'A file of item features, and the columns to read')
            [CompletionResult]::new('--bad-lines', '--bad-lines', [CompletionResultType]::ParameterName, 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of users and of items')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Number of users and of items')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;data;split' {
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes')
            [CompletionResult]::new('--repeats', '--repeats', [CompletionResultType]::ParameterName, 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'A file with titles and genres, if it is not next to the ratings')
            [CompletionResult]::new('--user-features', '--user-features', [CompletionResultType]::ParameterName, 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line')
            [CompletionResult]::new('--item-features', '--item-features', [CompletionResultType]::ParameterName, 'A file of item features, and the columns to read')
            [CompletionResult]::new('--bad-lines', '--bad-lines', [CompletionResultType]::ParameterName, 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--split', '--split', [CompletionResultType]::ParameterName, 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1 or fold:1/5; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 and so on for a test part')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of a random split [default: 42]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The folder for the files')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;data;synth' {
            [CompletionResult]::new('--like', '--like', [CompletionResultType]::ParameterName, 'In the shape of this data set')
            [CompletionResult]::new('--users', '--users', [CompletionResultType]::ParameterName, 'Number of users')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'Number of items')
            [CompletionResult]::new('--ratings', '--ratings', [CompletionResultType]::ParameterName, 'Number of ratings')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of everything random')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The CSV to write; `-` is standard output')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;data;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the public data sets, and which of them are here')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Fetch public data sets by name')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture')
            [CompletionResult]::new('crosstab', 'crosstab', [CompletionResultType]::ParameterValue, 'Cross-tabulate the most active users and the most rated items')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write the parts of a split as CSV')
            [CompletionResult]::new('synth', 'synth', [CompletionResultType]::ParameterValue, 'Generate synthetic ratings of any size')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'recburn;data;help;list' {
            break
        }
        'recburn;data;help;fetch' {
            break
        }
        'recburn;data;help;describe' {
            break
        }
        'recburn;data;help;crosstab' {
            break
        }
        'recburn;data;help;split' {
            break
        }
        'recburn;data;help;synth' {
            break
        }
        'recburn;data;help;help' {
            break
        }
        'recburn;models' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the models')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a model: formula, options, presets, summary, diagram')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'recburn;models;list' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;models;show' {
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Named hyper-parameters')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'An option of the model, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'An option of the model, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--users', '--users', [CompletionResultType]::ParameterName, 'Rows of the user tables')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'Rows of the item tables')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'Take the sizes of the tables from this data set')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--diagram', '--diagram', [CompletionResultType]::ParameterName, 'Write diagram.svg, .png, .mmd (Mermaid) and .dot (Graphviz) into this folder')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;models;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the models')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a model: formula, options, presets, summary, diagram')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'recburn;models;help;list' {
            break
        }
        'recburn;models;help;show' {
            break
        }
        'recburn;models;help;help' {
            break
        }
        'recburn;train' {
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'A model, such as biased_mf or ease: see `recburn models list` [default: biased_mf; with `train --from`, that of the saved model]')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Named hyper-parameters of the model: see `recburn models show NAME` [default: default]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'An option of the model, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'An option of the model, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'A data set''s name or path [default: that of the preset]')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes')
            [CompletionResult]::new('--repeats', '--repeats', [CompletionResultType]::ParameterName, 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]')
            [CompletionResult]::new('--time-columns', '--time-columns', [CompletionResultType]::ParameterName, 'Derive columns from the times of the ratings, which a model may read: hour_of_day, day_of_week and day')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)')
            [CompletionResult]::new('--split', '--split', [CompletionResultType]::ParameterName, 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1, fold:1/5 or given:TRAIN,VALID; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 adds a test part, none trains on everything')
            [CompletionResult]::new('--centre', '--centre', [CompletionResultType]::ParameterName, 'Subtract the mean of the training part')
            [CompletionResult]::new('--examples', '--examples', [CompletionResultType]::ParameterName, 'The kind of training examples: ratings, whole-users or whole-items (all ratings of one at a time), profiles (all items of a user among the catalogue), positives (every rated pair, with sampled negatives) or next-item (histories, predicting the next item at every position)')
            [CompletionResult]::new('--hidden', '--hidden', [CompletionResultType]::ParameterName, 'The share of each user''s items that is hidden from the model in training on profiles')
            [CompletionResult]::new('--negatives', '--negatives', [CompletionResultType]::ParameterName, 'The negatives of positives: uniform:N, popular:N or popular^EXPONENT:N per positive, shared-uniform:N or shared-popular:N per batch, in-batch, or catalogue [default: uniform:1]')
            [CompletionResult]::new('--loss', '--loss', [CompletionResultType]::ParameterName, 'mse, mae, huber[:DELTA] or logistic; with negatives also bpr, hinge or softmax')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'adam, adamw[:DECAY], sgd[:MOMENTUM], adagrad or rowwise_adagrad (one number of state per row of a table, for tables near the size of memory), with Keras''s defaults; further settings by name: adam:beta_1=0.8,epsilon=1e-8. AdamW keeps weights small at no extra cost, whereas l2 on tables much larger than a batch is slow in exact mode')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Which rows a step updates: exact (all that Keras would update) or touched (only those of the batch: fastest, but a different algorithm)')
            [CompletionResult]::new('--epochs', '--epochs', [CompletionResultType]::ParameterName, 'Train for N epochs')
            [CompletionResult]::new('--learning-rate', '--learning-rate', [CompletionResultType]::ParameterName, 'Learning rate, in all epochs')
            [CompletionResult]::new('--phase', '--phase', [CompletionResultType]::ParameterName, 'A custom schedule: train N epochs at this learning rate, then go on to the next --phase')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Ratings per step')
            [CompletionResult]::new('--average', '--average', [CompletionResultType]::ParameterName, 'End with an average of the weights at the ends of epochs: swa:EPOCH (the mean from that epoch on) or ema:DECAY')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'Stop after N epochs without a better validation loss (or --watch measure), and restore the best weights')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'The measure for --patience: loss, rmse or mae, or for the users'' lists ndcg@K, recall@K, hit@K or mrr@K [default: loss, or ndcg@10 for positives]')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of the split, the initial weights and the order of the ratings [default: 42; with `train --from`, that of the saved model]')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'A file with titles and genres, if it is not next to the ratings')
            [CompletionResult]::new('--user-features', '--user-features', [CompletionResultType]::ParameterName, 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line')
            [CompletionResult]::new('--item-features', '--item-features', [CompletionResultType]::ParameterName, 'A file of item features, and the columns to read')
            [CompletionResult]::new('--bad-lines', '--bad-lines', [CompletionResultType]::ParameterName, 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Output folder [default: out/MODEL]')
            [CompletionResult]::new('--checkpoint-every', '--checkpoint-every', [CompletionResultType]::ParameterName, 'Write a checkpoint every N epochs (0: never), or after each and every so much time: 10m')
            [CompletionResult]::new('--folds', '--folds', [CompletionResultType]::ParameterName, 'Cross-validation instead of one training: on N folds, or N folds repeated R times with other seeds as NxR')
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'Read ratings that were added since, as `serve --journal` writes them; later lines take precedence')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Start from the weights of a saved model, on data with new ratings, users and items')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Continue from the checkpoint in the output folder')
            [CompletionResult]::new('--find-rate', '--find-rate', [CompletionResultType]::ParameterName, 'Instead of training, test which learning rates lower the loss: a picture and a suggestion, in the output folder')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;gather' {
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'The data, if they are elsewhere now: a name, a file or a folder')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex or ndarray, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;run' {
            [CompletionResult]::new('--seeds', '--seeds', [CompletionResultType]::ParameterName, 'Run with the seeds 1 to N instead of the recipe''s own')
            [CompletionResult]::new('--epochs', '--epochs', [CompletionResultType]::ParameterName, 'Train for N epochs instead; final figures are then not compared')
            [CompletionResult]::new('--variant', '--variant', [CompletionResultType]::ParameterName, 'Run only this variant; `main` is the recipe itself [default: all]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Keep each run''s report, curves and model in this folder')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;baselines' {
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'A data set''s name or path')
            [CompletionResult]::new('--split', '--split', [CompletionResultType]::ParameterName, 'How the ratings are split, as for `recburn train`')
            [CompletionResult]::new('--part', '--part', [CompletionResultType]::ParameterName, 'The part that is scored: valid, or test, for which the model is fitted to the validation part, too')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of the split and of the models')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'Only this method, may be repeated [default: all]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'An option of the method, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'An option of the method, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'The length of the lists')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'A file with titles and genres, if it is not next to the ratings')
            [CompletionResult]::new('--user-features', '--user-features', [CompletionResultType]::ParameterName, 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line')
            [CompletionResult]::new('--item-features', '--item-features', [CompletionResultType]::ParameterName, 'A file of item features, and the columns to read')
            [CompletionResult]::new('--bad-lines', '--bad-lines', [CompletionResultType]::ParameterName, 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;evaluate' {
            [CompletionResult]::new('--protocol', '--protocol', [CompletionResultType]::ParameterName, 'Train and score a model by this protocol: see `recburn protocols`')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model: see `recburn models list`')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Named hyper-parameters of the model [default: default]')
            [CompletionResult]::new('--recipe', '--recipe', [CompletionResultType]::ParameterName, 'A recipe, such as the winner of `recburn tune`, whose data and split are replaced by the protocol''s')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'An option of the model, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'An option of the model, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--seeds', '--seeds', [CompletionResultType]::ParameterName, 'The seeds of the model, separated by commas; the split has its own')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write card.json and card.md into this folder')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'A data set''s name or path [default: the ratings that were held out in training]')
            [CompletionResult]::new('--split', '--split', [CompletionResultType]::ParameterName, 'Score the validation part of this split; without it all ratings of --data')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of that split [default: 42]')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'A file with titles and genres, if it is not next to the ratings')
            [CompletionResult]::new('--user-features', '--user-features', [CompletionResultType]::ParameterName, 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line')
            [CompletionResult]::new('--item-features', '--item-features', [CompletionResultType]::ParameterName, 'A file of item features, and the columns to read')
            [CompletionResult]::new('--bad-lines', '--bad-lines', [CompletionResultType]::ParameterName, 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;protocols' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;compare' {
            [CompletionResult]::new('--protocol', '--protocol', [CompletionResultType]::ParameterName, 'The protocol by which models are trained and scored')
            [CompletionResult]::new('--seeds', '--seeds', [CompletionResultType]::ParameterName, 'The seeds of the models, separated by commas')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write comparison.json, comparison.md and a picture into this folder')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;tune' {
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'A model, such as biased_mf or ease: see `recburn models list` [default: biased_mf; with `train --from`, that of the saved model]')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Named hyper-parameters of the model: see `recburn models show NAME` [default: default]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'An option of the model, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'An option of the model, may be repeated; the value is JSON or a word')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'A data set''s name or path [default: that of the preset]')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes')
            [CompletionResult]::new('--repeats', '--repeats', [CompletionResultType]::ParameterName, 'How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]')
            [CompletionResult]::new('--time-columns', '--time-columns', [CompletionResultType]::ParameterName, 'Derive columns from the times of the ratings, which a model may read: hour_of_day, day_of_week and day')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)')
            [CompletionResult]::new('--split', '--split', [CompletionResultType]::ParameterName, 'fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1, fold:1/5 or given:TRAIN,VALID; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1 adds a test part, none trains on everything')
            [CompletionResult]::new('--centre', '--centre', [CompletionResultType]::ParameterName, 'Subtract the mean of the training part')
            [CompletionResult]::new('--examples', '--examples', [CompletionResultType]::ParameterName, 'The kind of training examples: ratings, whole-users or whole-items (all ratings of one at a time), profiles (all items of a user among the catalogue), positives (every rated pair, with sampled negatives) or next-item (histories, predicting the next item at every position)')
            [CompletionResult]::new('--hidden', '--hidden', [CompletionResultType]::ParameterName, 'The share of each user''s items that is hidden from the model in training on profiles')
            [CompletionResult]::new('--negatives', '--negatives', [CompletionResultType]::ParameterName, 'The negatives of positives: uniform:N, popular:N or popular^EXPONENT:N per positive, shared-uniform:N or shared-popular:N per batch, in-batch, or catalogue [default: uniform:1]')
            [CompletionResult]::new('--loss', '--loss', [CompletionResultType]::ParameterName, 'mse, mae, huber[:DELTA] or logistic; with negatives also bpr, hinge or softmax')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'adam, adamw[:DECAY], sgd[:MOMENTUM], adagrad or rowwise_adagrad (one number of state per row of a table, for tables near the size of memory), with Keras''s defaults; further settings by name: adam:beta_1=0.8,epsilon=1e-8. AdamW keeps weights small at no extra cost, whereas l2 on tables much larger than a batch is slow in exact mode')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Which rows a step updates: exact (all that Keras would update) or touched (only those of the batch: fastest, but a different algorithm)')
            [CompletionResult]::new('--epochs', '--epochs', [CompletionResultType]::ParameterName, 'Train for N epochs')
            [CompletionResult]::new('--learning-rate', '--learning-rate', [CompletionResultType]::ParameterName, 'Learning rate, in all epochs')
            [CompletionResult]::new('--phase', '--phase', [CompletionResultType]::ParameterName, 'A custom schedule: train N epochs at this learning rate, then go on to the next --phase')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Ratings per step')
            [CompletionResult]::new('--average', '--average', [CompletionResultType]::ParameterName, 'End with an average of the weights at the ends of epochs: swa:EPOCH (the mean from that epoch on) or ema:DECAY')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'Stop after N epochs without a better validation loss (or --watch measure), and restore the best weights')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'The measure for --patience: loss, rmse or mae, or for the users'' lists ndcg@K, recall@K, hit@K or mrr@K [default: loss, or ndcg@10 for positives]')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of the split, the initial weights and the order of the ratings [default: 42; with `train --from`, that of the saved model]')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'A file with titles and genres, if it is not next to the ratings')
            [CompletionResult]::new('--user-features', '--user-features', [CompletionResultType]::ParameterName, 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line')
            [CompletionResult]::new('--item-features', '--item-features', [CompletionResultType]::ParameterName, 'A file of item features, and the columns to read')
            [CompletionResult]::new('--bad-lines', '--bad-lines', [CompletionResultType]::ParameterName, 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--sampler', '--sampler', [CompletionResultType]::ParameterName, 'How trials are proposed: random, tpe[:RANDOM TRIALS], halving[:FACTOR] or grid')
            [CompletionResult]::new('--trials', '--trials', [CompletionResultType]::ParameterName, 'The number of configurations')
            [CompletionResult]::new('--least-epochs', '--least-epochs', [CompletionResultType]::ParameterName, 'The fewest epochs of a trial, for halving')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'Trials at a time; 0 for one per core')
            [CompletionResult]::new('--search-seed', '--search-seed', [CompletionResultType]::ParameterName, 'The seed of the proposals; that of --seed is for split and weights')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Output folder [default: out/tune-MODEL]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;predict' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'A user''s id, as in the data')
            [CompletionResult]::new('--item', '--item', [CompletionResultType]::ParameterName, 'An item''s id, as in the data')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'Predict every pair of this data set or file')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The CSV to write; `-` is standard output')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1); timestamp=, delimiter=, header= and encoding= may be added')
            [CompletionResult]::new('--items', '--items', [CompletionResultType]::ParameterName, 'A file with titles and genres, if it is not next to the ratings')
            [CompletionResult]::new('--user-features', '--user-features', [CompletionResultType]::ParameterName, 'A file of user features, and the columns to read: users.csv, or users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line')
            [CompletionResult]::new('--item-features', '--item-features', [CompletionResultType]::ParameterName, 'A file of item features, and the columns to read')
            [CompletionResult]::new('--bad-lines', '--bad-lines', [CompletionResultType]::ParameterName, 'How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'The folder that holds the data sets'' folders [default: RECBURN_DATA, then datasets/]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;recommend' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'A user''s id, as in the data; may be repeated for several lists')
            [CompletionResult]::new('--ratings', '--ratings', [CompletionResultType]::ParameterName, 'A CSV file of items and ratings: recommend for a visitor with these ratings, or for --user with these new ratings')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the lists to this file: JSON lines if its name ends in .jsonl, otherwise CSV; `-` is standard output')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of items in a list')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Number of items in a list')
            [CompletionResult]::new('--min-ratings', '--min-ratings', [CompletionResultType]::ParameterName, 'Leave out items with fewer than N training ratings; 0 leaves out none [default: 5, or the mean number of ratings per item if that is lower]')
            [CompletionResult]::new('--genre', '--genre', [CompletionResultType]::ParameterName, 'Only items of this genre; may be repeated for items of any of several')
            [CompletionResult]::new('--not-genre', '--not-genre', [CompletionResultType]::ParameterName, 'No items of this genre; may be repeated')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Write the lists of all users to --out')
            [CompletionResult]::new('--all-users', '--all-users', [CompletionResultType]::ParameterName, 'Write the lists of all users to --out')
            [CompletionResult]::new('--seen', '--seen', [CompletionResultType]::ParameterName, 'Include items that the user has rated')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;similar' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--item', '--item', [CompletionResultType]::ParameterName, 'An item''s id, as in the data')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of items in a list')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Number of items in a list')
            [CompletionResult]::new('--min-ratings', '--min-ratings', [CompletionResultType]::ParameterName, 'Leave out items with fewer than N training ratings; 0 leaves out none [default: 5, or the mean number of ratings per item if that is lower]')
            [CompletionResult]::new('--table', '--table', [CompletionResultType]::ParameterName, 'The embedding whose directions are compared [default: the widest item embedding]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;serve' {
            [CompletionResult]::new('--bind', '--bind', [CompletionResultType]::ParameterName, 'The address and port to listen on; port 0 for any free one')
            [CompletionResult]::new('--metrics-bind', '--metrics-bind', [CompletionResultType]::ParameterName, 'Another address for /metrics, /livez and /readyz, which needs no token')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'A file with the token that requests must carry [default: the variable RECBURN_TOKEN, or no token]')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'A name by which clients may call the service, may be repeated [default: those of this machine on a loopback address, any on others]')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'How long to go on answering after SIGTERM while /readyz says `draining`, such as 5s')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Check this often, such as every 2s, whether the folder holds another model, and serve that one')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Take ratings of users, and keep them in this file')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'The form of the log on standard error: text, json or off')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'The largest body of a request, in bytes')
            [CompletionResult]::new('--connections', '--connections', [CompletionResultType]::ParameterName, 'How many connections may be open at a time; others wait')
            [CompletionResult]::new('--in-flight', '--in-flight', [CompletionResultType]::ParameterName, 'How many requests are answered at a time [default: 4 for each core]')
            [CompletionResult]::new('--waiting', '--waiting', [CompletionResultType]::ParameterName, 'How many requests may wait for their turn; others are answered with 503')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Ask a running service, such as http://127.0.0.1:7373/readyz, and exit with status 0 if it answers 200')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Let everybody who can reach the address ask without a token')
            [CompletionResult]::new('--openapi', '--openapi', [CompletionResultType]::ParameterName, 'Print the description of the interface (OpenAPI 3.1) and exit')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;export' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]')
            [CompletionResult]::new('--table', '--table', [CompletionResultType]::ParameterName, 'Name of an embedding, may be repeated [default: all]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Format of the files')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The folder for the files, each named after its table, or the one file of weights or of the page [default: MODEL-tables, MODEL.safetensors or MODEL.html]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;completions' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;man' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The folder for them, one for each command')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Take flags from this TOML file; the command line takes precedence')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on standard output instead of text; errors as JSON on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'recburn;help' {
            [CompletionResult]::new('data', 'data', [CompletionResultType]::ParameterValue, 'Data sets: list, fetch, describe, crosstab, split, synth')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'The models: list, show')
            [CompletionResult]::new('train', 'train', [CompletionResultType]::ParameterValue, 'Train a model on ratings')
            [CompletionResult]::new('gather', 'gather', [CompletionResultType]::ParameterValue, 'Make one model from the parts that several processes have trained')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run recipes and compare the results with published figures')
            [CompletionResult]::new('baselines', 'baselines', [CompletionResultType]::ParameterValue, 'Fit baselines and models in closed form, and compare them on held-out ratings')
            [CompletionResult]::new('evaluate', 'evaluate', [CompletionResultType]::ParameterValue, 'Score a saved model on ratings, or train and score a model by a protocol')
            [CompletionResult]::new('protocols', 'protocols', [CompletionResultType]::ParameterValue, 'List the evaluation protocols, or show one')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Compare models under one protocol, and say which differences are noise')
            [CompletionResult]::new('tune', 'tune', [CompletionResultType]::ParameterValue, 'Search for good hyper-parameters on a validation part')
            [CompletionResult]::new('predict', 'predict', [CompletionResultType]::ParameterValue, 'Predict the rating of a pair, or of every pair in a file')
            [CompletionResult]::new('recommend', 'recommend', [CompletionResultType]::ParameterValue, 'Recommend the best items for a user, for all users, or for somebody not in the data')
            [CompletionResult]::new('similar', 'similar', [CompletionResultType]::ParameterValue, 'List items similar to an item')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve a model over HTTP')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write embedding tables as CSV, safetensors or Parquet, all weights for Keras, or a page that recommends without a server')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a script with which a shell completes commands and flags')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the manual pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'recburn;help;data' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the public data sets, and which of them are here')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Fetch public data sets by name')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show counts, density, scale, quartiles, histogram and time span, as text and as a picture')
            [CompletionResult]::new('crosstab', 'crosstab', [CompletionResultType]::ParameterValue, 'Cross-tabulate the most active users and the most rated items')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write the parts of a split as CSV')
            [CompletionResult]::new('synth', 'synth', [CompletionResultType]::ParameterValue, 'Generate synthetic ratings of any size')
            break
        }
        'recburn;help;data;list' {
            break
        }
        'recburn;help;data;fetch' {
            break
        }
        'recburn;help;data;describe' {
            break
        }
        'recburn;help;data;crosstab' {
            break
        }
        'recburn;help;data;split' {
            break
        }
        'recburn;help;data;synth' {
            break
        }
        'recburn;help;models' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the models')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a model: formula, options, presets, summary, diagram')
            break
        }
        'recburn;help;models;list' {
            break
        }
        'recburn;help;models;show' {
            break
        }
        'recburn;help;train' {
            break
        }
        'recburn;help;gather' {
            break
        }
        'recburn;help;run' {
            break
        }
        'recburn;help;baselines' {
            break
        }
        'recburn;help;evaluate' {
            break
        }
        'recburn;help;protocols' {
            break
        }
        'recburn;help;compare' {
            break
        }
        'recburn;help;tune' {
            break
        }
        'recburn;help;predict' {
            break
        }
        'recburn;help;recommend' {
            break
        }
        'recburn;help;similar' {
            break
        }
        'recburn;help;serve' {
            break
        }
        'recburn;help;export' {
            break
        }
        'recburn;help;completions' {
            break
        }
        'recburn;help;man' {
            break
        }
        'recburn;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
